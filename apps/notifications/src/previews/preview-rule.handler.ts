import type { CanonicalEvent, Clock, RuleId } from '@backhaul/domain';
import { type Principal, Problem } from '@backhaul/http';
import type { UnitOfWork } from '@backhaul/persistence';
import { refusalsOf } from '../rules/rule-check.js';
import type { RuleRepository } from '../rules/rule.repository.js';
import type { Rule, RuleSettings } from '../rules/rule.js';
import type { EventLogClient, LogFilter, LogPage } from './event-log.client.js';
import { filterOf, placeOf, type Preview, PreviewCount } from './preview.js';
import { mustRehearse, Rehearsal } from './rehearsal.js';

const BUDGET_MS = 5000;
const MOST_PAGES = 500;
const NOBODY = '00000000-0000-0000-0000-000000000000' as RuleId;

export interface Previewed extends Preview {
  /** Time was up: the log was looked through down to this event's receipt; null where all was seen. */
  lookedDownTo: string | null;
}

/** What a rule would have acted on, had it been there: it looks through the log and changes nothing. */
export class PreviewRuleHandler {
  constructor(
    private readonly rules: Pick<RuleRepository, 'brandPathsOf'>,
    private readonly unitOfWork: UnitOfWork,
    private readonly log: Pick<EventLogClient, 'page'>,
    private readonly clock: Clock,
    private readonly budgetMs = BUDGET_MS,
  ) {}

  now(): Date {
    return this.clock.now();
  }

  /** @throws Problem 422 for a rule that would never act, 503 */
  async handle(
    caller: Principal,
    settings: RuleSettings,
    window: Pick<LogFilter, 'from' | 'to'>,
    mostExamples: number,
  ): Promise<Previewed> {
    const refused = refusalsOf(settings).map((one) => ({ ...one, pointer: `/rule${one.pointer}` }));
    if (refused.length > 0) throw Problem.unprocessable('The rule would never act.', refused);
    const rule = ruleOf(caller, settings);
    const paths = await this.unitOfWork.run((tx) => this.rules.brandPathsOf(tx, [caller.partnerId]));
    const byBrand = new Map(paths.map(({ brandId, path }) => [brandId, path]));
    const isRehearsed = mustRehearse(rule);
    const counted = isRehearsed
      ? new Rehearsal(rule, byBrand, Date.parse(window.to), mostExamples)
      : new PreviewCount(rule, byBrand, mostExamples);
    const filter = isRehearsed ? placeOf(rule) : filterOf(rule);
    const lookedDownTo = await this.look(caller, { ...window, ...filter }, (event) => counted.add(event));
    return { ...counted.finish(), lookedDownTo };
  }

  private async look(
    caller: Principal,
    filter: LogFilter,
    meet: (event: CanonicalEvent) => void,
  ): Promise<string | null> {
    const startedAt = this.clock.monotonicMs();
    const signal = AbortSignal.timeout(this.budgetMs);
    let cursor: string | null = null;
    let lookedDownTo: string | null = null;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const page = await this.page(caller, filter, cursor, signal);
      if (page === null) return lookedDownTo ?? filter.to;
      for (const event of page.items) meet(event);
      if (page.nextCursor === null) return null;
      cursor = page.nextCursor;
      lookedDownTo = page.items.at(-1)?.receivedAt ?? lookedDownTo;
      if (this.clock.monotonicMs() - startedAt >= this.budgetMs) break;
    }
    return lookedDownTo;
  }

  /** Null where the time is up. */
  private async page(
    caller: Principal,
    filter: LogFilter,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<LogPage | null> {
    try {
      return await this.log.page(caller, filter, cursor, signal);
    } catch (error) {
      if (signal.aborted && !(error instanceof Problem)) return null;
      throw error;
    }
  }
}

/** As it would be if it had been there all the time, made by who asks. */
function ruleOf({ partnerId, brandId }: Principal, settings: RuleSettings): Rule {
  // Of a customer's accounts it would have to see all, where it may look at one: each problem counts for itself.
  const asked = { ...settings, siteOutage: null, enabled: true };
  return { ...asked, id: NOBODY, partnerId, ownerBrandId: brandId, createdAt: new Date(0) };
}
