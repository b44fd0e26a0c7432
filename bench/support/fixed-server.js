// A server for comparing load generators: answers every request after a fixed delay and counts for itself.
// Usage: node fixed-server.js DELAY_MS. Prints {"port"} when it listens; to the message 'report' over IPC it answers
// with what it saw since the last report: requests received, answers sent, and the mean time from the one to the other.
import { createServer } from 'node:http';

const delayMs = Number(process.argv[2] ?? 0);
const body = Buffer.from('{"predicciones":[0]}');
const headers = { 'content-type': 'application/json', 'content-length': body.length };
let received = 0;
let answered = 0;
let serviceMs = 0;

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    const startedAt = performance.now();
    received += 1;
    const answer = () => {
      response.writeHead(200, headers);
      response.end(body);
      answered += 1;
      serviceMs += performance.now() - startedAt;
    };
    if (delayMs > 0) setTimeout(answer, delayMs);
    else answer();
  });
});

process.on('message', () => {
  process.send?.({ received, answered, meanServiceMs: answered === 0 ? 0 : serviceMs / answered });
  received = 0;
  answered = 0;
  serviceMs = 0;
});
process.on('disconnect', () => process.exit(0));

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`);
});
