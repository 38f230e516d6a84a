import type { Dispatcher } from 'undici';
import { type AllowList, parseAllowList } from './allow-list.js';
import { createEgressDispatcher, type EgressOptions } from './egress.dispatcher.js';

export interface WayOut {
  dispatcher: Dispatcher;
  /** Ends it once what it carries is done; the one for all stays. */
  close(): Promise<void>;
}

/**
 * The ways out to PSAs. A connection with approvals has a dispatcher of its own: a socket to an approved address must
 * not be lent to a connection that was not approved.
 */
export class Egress {
  private readonly shared: Dispatcher;

  constructor(private readonly options: Omit<EgressOptions, 'approvals'>) {
    this.shared = createEgressDispatcher(options);
  }

  /** @param setting EGRESS_ALLOW as it stands in the settings @throws Error naming what is wrong with it */
  static of(setting: string): Egress {
    return new Egress({ allow: setting.split(',').filter((entry) => entry.trim() !== '') });
  }

  allowList(approvals: readonly string[] = []): AllowList {
    return parseAllowList(this.options.allow, approvals);
  }

  wayOut(approvals: readonly string[]): WayOut {
    if (approvals.length === 0) return { dispatcher: this.shared, close: async () => undefined };
    const dispatcher = createEgressDispatcher({ ...this.options, approvals });
    return { dispatcher, close: () => dispatcher.close() };
  }

  close(): Promise<void> {
    return this.shared.close();
  }
}
