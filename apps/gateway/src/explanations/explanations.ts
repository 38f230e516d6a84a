import { Problem, READERS } from '@backhaul/http';
import { Injectable } from '@nestjs/common';
import { readAs } from '../forwarding/read-as.js';
import { TICKETING } from '../forwarding/either.js';
import { type ForwardedRequest, Upstreams } from '../forwarding/upstreams.js';
import type { Upstream } from '../routes/route-table.js';
import type { AskedEvent, ExplanationOut, RulesPart, TicketingPart } from './explanation.types.js';
import { sentencesOf, summaryOf } from './sentences.js';

const away = (upstream: Upstream): string => `${upstream} cannot be reached: its share is missing`;

/** Why was, or was not, an event ticketed: each service says what it knows, in the name of who asks. */
@Injectable()
export class Explanations {
  constructor(private readonly upstreams: Upstreams) {}

  /** @throws Problem 403, 404, 503 while ingestion cannot be asked */
  async explain(request: ForwardedRequest, eventId: string): Promise<ExplanationOut> {
    const { principal } = request;
    if (!principal || !READERS.includes(principal.role))
      throw Problem.forbidden('The role does not allow this.');
    const path = `/api/v1/events/${eventId.toLowerCase()}`;
    const event = await readAs<AskedEvent>(this.upstreams, 'ingestion', request, 'GET', path);
    const warnings: string[] = [];
    const [rules, ...ticketing] = await Promise.all([
      this.rules(request, event).catch(missing('notifications', warnings)),
      ...TICKETING.map((upstream) =>
        this.ticketing(upstream, request, event).catch(missing(upstream, warnings)),
      ),
    ]);
    return answerOf(event, rules, ticketing.filter((part) => part !== null), warnings); // prettier-ignore
  }

  private rules(request: ForwardedRequest, { type, receivedAt, tenant, outcome }: AskedEvent) {
    const body = { type, receivedAt, ...tenantOf(tenant), severity: outcome.severity };
    return readAs<RulesPart>(
      this.upstreams,
      'notifications',
      request,
      'POST',
      '/internal/explanations',
      body,
    );
  }

  private async ticketing(upstream: Upstream, request: ForwardedRequest, { eventId, tenant }: AskedEvent) {
    if (tenant.accountNo === null) return null;
    const path = `/internal/explanations?eventId=${eventId}&accountNo=${tenant.accountNo}`;
    return readAs<TicketingPart>(this.upstreams, upstream, request, 'GET', path);
  }
}

const tenantOf = ({ brandId, customerId, accountNo }: AskedEvent['tenant']) => ({
  brandId,
  customerId,
  accountNo,
});

/** What cannot be reached is left out, and said to be; what is refused is refused. */
const missing =
  (upstream: Upstream, warnings: string[]) =>
  (error: unknown): null => {
    if (!(error instanceof Problem) || error.status < 500) throw error;
    warnings.push(away(upstream));
    return null;
  };

function answerOf(
  event: AskedEvent,
  rules: RulesPart | null,
  ticketing: readonly TicketingPart[],
  warnings: string[],
): ExplanationOut {
  const incidents = ticketing.flatMap(({ provider, incidents: found }) =>
    found.map((incident) => ({ provider, ...incident })),
  );
  const waits = ticketing.flatMap(({ provider, lane }) =>
    lane?.why
      ? [{ provider, laneId: lane.id, waiting: lane.waiting, waitingSince: lane.waitingSince, ...lane.why }]
      : [],
  );
  const all = rules?.rules ?? [];
  const matching = all.filter(({ isMatch }) => isMatch).length;
  const counted = rules && { matching, others: all.length - matching + rules.notShown };
  const parts = { event, rules: counted, incidents, waits };
  return {
    eventId: event.eventId,
    type: event.type,
    severity: event.outcome.severity,
    receivedAt: event.receivedAt,
    accountNo: event.tenant.accountNo,
    custId: event.tenant.customerId,
    summary: summaryOf(parts),
    sentences: sentencesOf(parts),
    rules: all,
    rulesNotShown: rules?.notShown ?? 0,
    actions: event.actions,
    incidents,
    waits,
    ...(warnings.length > 0 && { warnings }),
  };
}
