import type { EventTenant } from '@backhaul/domain';
import type { AccountDirectory, Binding } from '../accounts/account-directory.js';
import { isHeld } from '../joining/held-errors.js';
import { type Draft, eventRowOf } from './event-draft.js';
import type { EventRow } from './event-row.js';
import type { Stored } from './event.writer.js';

/** Where rows go; answers after their commit. */
export interface RowSink {
  add(row: EventRow): Promise<Stored>;
}

/** From a draft to a committed event: whose is it, then into the log. */
export class Intake {
  constructor(
    private readonly directory: AccountDirectory,
    private readonly sink: RowSink,
  ) {}

  /** Resolves after the commit. An event without account is stored, and waits among the unassigned results. */
  async store(draft: Draft, binding: Binding): Promise<Stored> {
    const tenant = await this.directory.resolve(binding, draft.result.identity);
    return this.sink.add(this.rowOf(draft, tenant));
  }

  private rowOf(draft: Draft, tenant: EventTenant): EventRow {
    const { accountNo } = tenant;
    const isWaiting = accountNo === null || isHeld(draft.result, draft.agent);
    const bucket = isWaiting ? null : this.directory.bucketFor(accountNo);
    return eventRowOf(draft, tenant, bucket);
  }
}
