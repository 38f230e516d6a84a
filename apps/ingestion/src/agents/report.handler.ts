import type { Agent, Clock } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { traceparent } from '@backhaul/telemetry';
import { randomUUID } from 'node:crypto';
import { bindingOf, type Endpoint } from '../endpoints/endpoint.js';
import type { Draft } from '../intake/event-draft.js';
import { isDataError } from '../intake/event.writer.js';
import type { Intake } from '../intake/intake.js';
import type { IngestMetrics } from '../intake/ingest.metrics.js';
import type { NativeAdapters, Understood } from './native-adapters.js';
import { unreadable } from './unreadable.js';
import type { ReportBody } from './report-body.js';

export interface ReceivedReport {
  endpoint: Endpoint;
  body: ReportBody;
  contentType: string | null;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface ReceivedPing extends Omit<ReceivedReport, 'headers'> {
  signal: string | null;
  /** What makes two pings one (N9); without it every ping is an event. */
  rid: string | null;
}

interface Run {
  body: ReportBody;
  understood: Understood;
}

/** A native report or a ping becomes an event. Whatever stands in it, a valid key's report is stored. */
export class ReportHandler {
  constructor(
    private readonly intake: Intake,
    private readonly adapters: NativeAdapters,
    private readonly metrics: IngestMetrics,
    private readonly clock: Clock,
  ) {}

  /**
   * Resolves once the report is durable: all of its runs are. When one could not be stored the agent is told so and
   * comes again; the others are recognised then.
   * @param spend charges for the runs beyond the first, and throws when there is no budget
   */
  async handleReport(report: ReceivedReport, agent: Agent, spend: (runs: number) => void): Promise<void> {
    if (report.endpoint.agent !== agent)
      throw Problem.unprocessable(`This key belongs to an endpoint for ${report.endpoint.agent}.`);
    const receivedAt = this.clock.now();
    const runs = this.runsOf(report, agent, receivedAt);
    if (runs.length > 1) spend(runs.length - 1);
    const stored = await Promise.allSettled(
      runs.map(({ body, understood }) =>
        this.store(this.draftOf({ ...report, body }, agent, understood, receivedAt), report),
      ),
    );
    for (const one of stored) if (one.status === 'rejected') throw one.reason;
  }

  async handlePing(ping: ReceivedPing): Promise<void> {
    const receivedAt = this.clock.now();
    const { body, signal } = ping;
    const understood = this.adapters.ping({ signal, body: body.bytes, receivedAt: receivedAt.toISOString() });
    const draft = this.draftOf(ping, 'generic', understood, receivedAt);
    // A run's start and its end may share one id, and are two events all the same.
    const runKey = `ping:${signal ?? ''}:${ping.rid ?? randomUUID()}`;
    await this.store({ ...draft, transport: 'script', runKey }, ping);
  }

  private runsOf(report: ReceivedReport, agent: Agent, receivedAt: Date): Run[] {
    const bodies = this.split(report, agent, receivedAt);
    return bodies.map((bytes) => {
      const body = { ...report.body, bytes };
      return { body, understood: this.understand({ ...report, body }, agent, receivedAt) };
    });
  }

  /** A report with more runs than anybody sends at once, or that no adapter can take apart, is kept whole. */
  private split({ body, contentType, headers }: ReceivedReport, agent: Agent, receivedAt: Date): Buffer[] {
    if (body.isGarbled) return [body.bytes];
    try {
      const report = { agent, body: body.bytes, contentType, headers, receivedAt: receivedAt.toISOString() };
      return this.adapters.split(report);
    } catch {
      return [body.bytes];
    }
  }

  private understand(report: ReceivedReport, agent: Agent, receivedAt: Date): Understood {
    const { body, contentType, headers } = report;
    if (body.isGarbled) return this.giveUp(agent, 'The body is not encoded as its Content-Encoding says.');
    try {
      const understood = this.adapters.understand({
        agent,
        body: body.bytes,
        contentType,
        headers,
        receivedAt: receivedAt.toISOString(),
      });
      if (understood?.result.type === 'result.unreadable') this.metrics.unreadable.inc({ agent });
      return understood ?? this.giveUp(agent, `The body is no report of ${agent}.`);
    } catch {
      // An adapter met what nobody has seen yet: the bytes are kept, so that a better one can read them.
      return this.giveUp(agent, `The report of ${agent} could not be read.`);
    }
  }

  private giveUp(agent: Agent, message: string): Understood {
    this.metrics.unreadable.inc({ agent });
    return unreadable(agent, message);
  }

  private async store(draft: Draft, { endpoint }: { endpoint: Endpoint }): Promise<void> {
    try {
      await this.intake.store(draft, bindingOf(endpoint));
    } catch (error) {
      if (!isDataError(error) || draft.result.type === 'result.unreadable') throw error;
      const kept = this.giveUp(draft.agent, 'The report holds what cannot be stored.');
      await this.intake.store({ ...draft, ...kept }, bindingOf(endpoint));
    }
  }

  private draftOf(
    { endpoint, body, contentType }: Omit<ReceivedReport, 'headers'>,
    agent: Agent,
    understood: Understood,
    receivedAt: Date,
  ): Draft {
    return {
      ...understood,
      agent,
      transport: 'push',
      runScope: endpoint.id,
      endpointId: endpoint.id,
      contentType,
      raw: body.bytes,
      receivedAtMs: receivedAt.getTime(),
      traceparent: traceparent(),
    };
  }
}
