import type { OwnServer } from './servers.js';

/**
 * The server that a run of the tests was given by its environment, or one of this file's own:
 * started by the first that asks, ended by the last that is done.
 */
export class GivenServer {
  private users = 0;
  private own: Promise<OwnServer> | null = null;

  constructor(
    private readonly variable: string,
    private readonly start: () => Promise<OwnServer>,
  ) {}

  async acquire(): Promise<{ address: string; release(): Promise<void> }> {
    const given = process.env[this.variable];
    if (given) return { address: given, release: async () => undefined };
    this.users += 1;
    this.own ??= this.start();
    try {
      const { address } = await this.own;
      return { address, release: () => this.release() };
    } catch (error) {
      this.own = null;
      this.users -= 1;
      throw error;
    }
  }

  private async release(): Promise<void> {
    this.users -= 1;
    if (this.users > 0 || !this.own) return;
    const server = await this.own;
    this.own = null;
    await server.stop();
  }
}
