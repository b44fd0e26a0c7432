// A provider that terraform can start and that knows the google provider's schema, and nothing else: it validates and
// plans nothing itself. With it the real terraform checks types, references and validations, and `mock_provider` can
// stand in for the cloud, where the google provider itself cannot be had.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http2';
import { schemaResponse } from './schema.js';

// go-plugin's handshake, and terraform's own cookie (hashicorp/terraform, internal/plugin/plugin.go). The cookie is no
// secret: it only keeps people from starting a plugin by hand.
const cookie = 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2';
const unimplemented = 12;

const table = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const nothing = () => Buffer.alloc(0);
const methods = {
  '/tfplugin5.Provider/GetSchema': () => schemaResponse(table),
  // The request's first field is the configuration, the response's first field is what became of it: the same bytes.
  '/tfplugin5.Provider/PrepareProviderConfig': (request) => request,
  '/tfplugin5.Provider/ValidateResourceTypeConfig': nothing,
  '/tfplugin5.Provider/ValidateDataSourceConfig': nothing,
  '/tfplugin5.Provider/Configure': nothing,
  '/tfplugin5.Provider/Stop': nothing,
  '/plugin.GRPCController/Shutdown': () => {
    setImmediate(() => process.exit(0));
    return Buffer.alloc(0);
  },
};

function answer(stream, method, request) {
  const reply = method?.(request);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': reply === undefined ? unimplemented : 0 }));
  if (reply === undefined) return stream.end();
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(reply.length, 1);
  return stream.end(Buffer.concat([frame, reply]));
}

if (process.env.TF_PLUGIN_MAGIC_COOKIE !== cookie) {
  process.stderr.write('This is a plugin of terraform, and only terraform can start it.\n');
  process.exitCode = 1;
} else {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    const method = methods[headers[':path']];
    if (method === undefined) return answer(stream, undefined);
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => answer(stream, method, Buffer.concat(chunks).subarray(5)));
    return undefined;
  });
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`1|5|tcp|127.0.0.1:${server.address().port}|grpc\n`);
  });
}
