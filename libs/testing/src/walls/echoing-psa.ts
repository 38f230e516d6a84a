import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A PSA that refuses every call and repeats, in its words, all that it was sent. */
export interface EchoingPsa {
  port: number;
  /** What it was sent; so that a search that finds nothing is known to have had something to find. */
  heard: string[];
  close(): Promise<void>;
}

export async function startEchoingPsa(): Promise<EchoingPsa> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    void said(request).then((text) => {
      heard.push(text);
      const status = request.method === 'GET' ? 401 : 400;
      const message = `Refused: ${text}`;
      response.writeHead(status, {
        'content-type': 'application/json',
        'x-reason': encodeURIComponent(text),
      });
      response.end(JSON.stringify({ code: 'InvalidObject', message, errors: [{ code: 'x', message }] }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Headers, with what Basic hides, and body. */
async function said(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const [, basic = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  return [
    JSON.stringify(request.headers),
    Buffer.from(basic, 'base64').toString(),
    Buffer.concat(chunks).toString(),
  ].join(' ');
}
