import type { EventTenant } from '@backhaul/domain';
import type { AccountDirectory, Binding } from '../accounts/account-directory.js';
import type { LoadClass } from '@backhaul/http';
import { isHeld } from '../joining/held-errors.js';
import { type Draft, eventRowOf } from './event-draft.js';
import type { EventRow } from './event-row.js';
import type { Stored } from './event.writer.js';
import { loadClassOf } from './load-class.js';

/** Where rows go; answers after their commit. */
export interface RowSink {
  add(row: EventRow): Promise<Stored>;
}

/** Throws where things of that class are sent away for now. */
export interface Admission {
  admit(what: LoadClass): void;
}

/** From a draft to a committed event: whose is it, then into the log. */
export class Intake {
  constructor(
    private readonly directory: AccountDirectory,
    private readonly sink: RowSink,
    private readonly load: Admission,
  ) {}

  /**
   * Resolves after the commit. An event without account is stored, and waits among the unassigned results.
   * @throws Problem 503 where such results are sent away for now
   */
  async store(draft: Draft, binding: Binding): Promise<Stored> {
    this.load.admit(loadClassOf(draft.result));
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
