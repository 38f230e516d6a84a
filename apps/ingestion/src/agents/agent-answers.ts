import { Problem, problemOf, PROBLEM_MEDIA_TYPE } from '@backhaul/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OverloadedError } from '../intake/group-writer.js';

const LOG_EVERY_MS = 10_000;
const RETRY_AFTER_S = 5;

/** Answers problems to agents. An outage is logged once in ten seconds, not once a report. */
export class AgentAnswers {
  private lastLogAt = -Infinity;
  private unlogged = 0;

  constructor(private readonly monotonicMs: () => number) {}

  readonly refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = problemFor(error);
    if (problem.status >= 500) this.logOutage(problem, request);
    if (reply.sent || reply.raw.headersSent) return void reply.raw.destroy();
    // The route's pattern stands for the address, which holds the key.
    const body = { ...problem.body(), instance: request.routeOptions.url ?? '/', requestId: request.id };
    void reply
      .status(problem.status)
      .headers(problem.headers)
      .type(PROBLEM_MEDIA_TYPE)
      .send(JSON.stringify(body));
  };

  private logOutage(problem: Problem, request: FastifyRequest): void {
    this.unlogged += 1;
    const now = this.monotonicMs();
    if (now - this.lastLogAt < LOG_EVERY_MS) return;
    const fields = { err: problem.cause ?? problem, status: problem.status, reports: this.unlogged };
    request.log.warn(fields, 'reports are refused for now');
    this.lastLogAt = now;
    this.unlogged = 0;
  }
}

/** What a group of events met, as the one problem it is for its sender. */
export function problemFor(error: unknown): Problem {
  if (!(error instanceof OverloadedError)) return problemOf(error);
  return Problem.unavailable(RETRY_AFTER_S, 'Nothing can be stored right now; send it again.', error);
}
