import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PagingHost {
  url: string;
  /** Requests that came. */
  asked(): number;
  close(): Promise<void>;
}

/** An Autotask whose every page links to the next one on another host. */
export async function startPagingHost(): Promise<PagingHost> {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    const { port } = server.address() as AddressInfo;
    const nextPageUrl = `http://localhost:${port}/V1.0/Services/query/next`;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ items: [], pageDetails: { nextPageUrl } }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close').catch(() => undefined);
    },
  };
}
