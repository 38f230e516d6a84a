import { type Clock, uuidv7 } from '@backhaul/domain';
import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import { outboxAuditTrail, type Scope, type Tx, UnitOfWork } from '@backhaul/persistence';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK } from '../tokens.js';
import type { SavedSearch, SearchSettings } from './saved-search.js';
import { SavedSearchRepository } from './saved-search.repository.js';
import { checkSearch } from './search-conditions.js';

const MOST_SEARCHES = 1000;

export const searchEtag = ({ id, version }: SavedSearch): string => etagOf({ id, version });

/** Creates, replaces and removes saved searches. All throw Problem. */
@Injectable()
export class ChangeSavedSearchesHandler {
  constructor(
    private readonly searches: SavedSearchRepository,
    private readonly unitOfWork: UnitOfWork,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws Problem 400, 422 */
  async create(scope: Scope, createdBy: string, settings: SearchSettings): Promise<SavedSearch> {
    checkSearch(settings);
    const now = this.clock.now();
    const { partnerId, brandId: ownerBrandId } = scope;
    const about = { partnerId, ownerBrandId, createdBy, version: 1, createdAt: now, updatedAt: now };
    const search = { ...settings, ...about, id: uuidv7(now.getTime()) };
    const isStored = await this.recorded('saved-search.create', search, (tx) =>
      this.searches.add(scope, tx, search, MOST_SEARCHES),
    );
    if (!isStored) throw Problem.unprocessable(`A partner has at most ${MOST_SEARCHES} saved searches.`);
    return search;
  }

  /** @throws Problem 400, 404, 412, 422, 428 */
  async replace(
    scope: Scope,
    id: string,
    ifMatch: string | undefined,
    settings: SearchSettings,
  ): Promise<SavedSearch> {
    const known = await this.find(scope, id);
    requireIfMatch(ifMatch, searchEtag(known));
    if (settings.kind !== known.kind) {
      // Scripts of partners hold the id together with the kind.
      const error = { pointer: '/kind', detail: `must stay ${known.kind}`, rule: 'kept' };
      throw Problem.unprocessable('A saved search keeps its kind.', [error]);
    }
    checkSearch(settings);
    const changed = { ...known, ...settings, version: known.version + 1, updatedAt: this.clock.now() };
    const isStored = await this.recorded('saved-search.change', changed, (tx) =>
      this.searches.replace(scope, tx, changed),
    );
    if (!isStored) throw Problem.preconditionFailed();
    return changed;
  }

  /** @throws Problem 404, 412, 428 */
  async remove(scope: Scope, id: string, ifMatch: string | undefined): Promise<void> {
    const known = await this.find(scope, id);
    requireIfMatch(ifMatch, searchEtag(known));
    const isGone = await this.recorded('saved-search.remove', known, (tx) =>
      this.searches.drop(scope, tx, known),
    );
    if (!isGone) throw Problem.preconditionFailed();
  }

  /** @throws Problem 404 */
  async find(scope: Scope, id: string): Promise<SavedSearch> {
    const search = await this.searches.find(scope, id);
    if (!search) throw Problem.notFound();
    return search;
  }

  /** What was not done leaves no entry. */
  private recorded(action: string, search: SavedSearch, act: (tx: Tx) => Promise<boolean>): Promise<boolean> {
    return this.unitOfWork.run(async (tx) => {
      const isDone = await act(tx);
      const { id, partnerId, name, kind, all, columns } = search;
      const target = { kind: 'saved-search', id };
      const detail = { name, kind, all, columns };
      if (isDone) await outboxAuditTrail.record(tx, partnerId, { action, target, detail });
      return isDone;
    });
  }
}
