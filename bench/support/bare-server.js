// The least an HTTP server in Node can do with a prediction request: read the body, answer a constant of the same shape.
// Usage: node bare-server.js. Prints {"url"} when it listens.
import { createServer } from 'node:http';

const body = '{"predicciones":[0]}';
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length };

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    response.writeHead(200, headers);
    response.end(body);
  });
});

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })}\n`);
});
