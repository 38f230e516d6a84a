import { type Clock, uuidv7 } from '@backhaul/domain';
import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import { outboxAuditTrail, type Scope, type Tx, type UnitOfWork } from '@backhaul/persistence';
import type { RuleRepository } from '../rules/rule.repository.js';
import type { WatchRepository } from '../watches/watch.repository.js';
import type { Silence, SilenceKind, SilenceSettings } from './silence.js';
import { silenceRefusals } from './silence-check.js';
import type { SilenceRepository } from './silence.repository.js';

const MOST_SILENCES = 1000;

/** They are never changed, only made and ended. */
export const silenceEtag = ({ id }: Silence): string => etagOf(id);

/** Makes and ends silences and maintenance windows, in force at once on every instance. All throw Problem. */
export class ChangeSilencesHandler {
  constructor(
    private readonly silences: SilenceRepository,
    private readonly rules: Pick<RuleRepository, 'noteChange'>,
    private readonly watches: Pick<WatchRepository, 'reviewSilenced'>,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem 422 */
  async create(scope: Scope, createdBy: string, settings: SilenceSettings): Promise<Silence> {
    const now = this.clock.now();
    const refused = silenceRefusals(settings, now);
    if (refused.length > 0) throw Problem.unprocessable('It would never be quiet, or for too long.', refused);
    const { partnerId, brandId: ownerBrandId } = scope;
    const silence = {
      ...settings,
      id: uuidv7(now.getTime()),
      partnerId,
      ownerBrandId,
      createdBy,
      createdAt: now,
    };
    const isStored = await this.unitOfWork.run(async (tx) => {
      await this.rules.noteChange(tx, partnerId);
      const isNew = await this.silences.add(scope, tx, silence, MOST_SILENCES);
      if (isNew) await record(tx, 'create', silence);
      return isNew;
    });
    if (!isStored) throw Problem.unprocessable(`At most ${MOST_SILENCES} may wait or hold at once.`);
    return silence;
  }

  /** What it kept from being opened and still stands is opened within seconds. @throws Problem 404, 412, 428 */
  async remove(scope: Scope, kind: SilenceKind, id: string, ifMatch: string | undefined): Promise<void> {
    const known = await this.find(scope, kind, id);
    requireIfMatch(ifMatch, silenceEtag(known));
    const isGone = await this.unitOfWork.run(async (tx) => {
      await this.rules.noteChange(tx, known.partnerId);
      const isDone = await this.silences.drop(scope, tx, id);
      if (!isDone) return false;
      await this.watches.reviewSilenced(tx, known.partnerId, this.clock.now());
      await record(tx, 'remove', known);
      return true;
    });
    if (!isGone) throw Problem.notFound();
  }

  /** @throws Problem 404 */
  async find(scope: Scope, kind: SilenceKind, id: string): Promise<Silence> {
    const silence = await this.silences.find(scope, kind, id);
    if (!silence) throw Problem.notFound();
    return silence;
  }
}

function record(tx: Tx, verb: 'create' | 'remove', silence: Silence): Promise<void> {
  const { id, partnerId, kind, reason, startsAt, endsAt } = silence;
  const target = { kind: kind === 'silence' ? 'silence' : 'maintenance-window', id };
  return outboxAuditTrail.record(tx, partnerId, {
    action: `${target.kind}.${verb}`,
    target,
    detail: { reason, startsAt: startsAt.toISOString(), endsAt: endsAt?.toISOString() ?? null },
  });
}
