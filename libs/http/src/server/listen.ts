import type { FastifyInstance } from 'fastify';

/** The message is meant for a person's terminal. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
  constructor(
    readonly port: number,
    readonly setting: string,
  ) {
    super(`Port ${port} is already in use. Set ${setting} to a free port, or stop what uses it.`);
  }
}

export async function listenOn(
  server: FastifyInstance,
  host: string,
  port: number,
  setting: string,
): Promise<void> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortInUseError(port, setting);
    throw error;
  }
}
