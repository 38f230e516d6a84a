import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

export interface Seen {
  method: string;
  url: string;
  headers: Record<string, unknown>;
  body: string;
}

type Answer = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** A real HTTP server that stands for a service: records what it gets, answers what a test says. */
export class FakeService {
  readonly seen: Seen[] = [];
  answer: Answer = () => ({ from: this.name });
  openapi: object = { paths: {} };
  private server: FastifyInstance | null = null;

  private constructor(
    readonly name: string,
    readonly port: number,
  ) {}

  static async start(name: string, port: number): Promise<FakeService> {
    const service = new FakeService(name, port);
    await service.up();
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async up(): Promise<void> {
    const server = fastify({ forceCloseConnections: true });
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    server.get('/openapi.json', () => this.openapi);
    server.all('/*', (request, reply) => {
      const { method, url, headers, body } = request;
      this.seen.push({ method, url, headers, body: Buffer.isBuffer(body) ? body.toString() : '' });
      return this.answer(request, reply);
    });
    await server.listen({ host: '127.0.0.1', port: this.port });
    this.server = server;
  }

  async down(): Promise<void> {
    await this.server?.close();
    this.server = null;
  }
}
