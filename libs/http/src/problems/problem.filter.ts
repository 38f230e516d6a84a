import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.js';
import { problemOf } from './problem-of.js';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** Which methods an address answers; empty where there is no such address. */
export type AllowedMethods = (path: string) => readonly string[];

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly allowedMethods: AllowedMethods) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    sendProblem(this.problemFor(error, request), request, http.getResponse<FastifyReply>());
  }

  private problemFor(error: unknown, request: FastifyRequest): Problem {
    // Nest words a missing route this way; our own code throws Problem.notFound().
    if (error instanceof NotFoundException && error.message.startsWith('Cannot ')) {
      const allowed = this.allowedMethods(pathOf(request));
      const isOtherMethod = allowed.length > 0 && !allowed.includes(request.method);
      return isOtherMethod ? Problem.methodNotAllowed(allowed) : Problem.notFound();
    }
    return problemOf(error);
  }
}

/** Answers with a problem, and logs it once where a person should know. */
export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  logOnce(problem, request);
  answerWith(problem, request, reply);
}

/** The same for what comes in such numbers that it is counted and not logged. */
export function answerWith(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  if (reply.sent || reply.raw.headersSent) return reply.raw.destroy() && undefined;
  const body = { ...problem.body(), instance: pathOf(request), requestId: request.id };
  void reply
    .status(problem.status)
    .headers(problem.headers)
    .type(PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(body));
}

/** Who was not let in, or not let do something: a person may want to see it. */
const REFUSALS = new Set([401, 403]);

interface Known {
  principal?: { subject: string; partnerId: string; ip: string | null };
  client?: { ip: string };
  /** The public part of a credential that was not believed. */
  claimed?: string;
}

function logRefusal({ status, type, detail }: Problem, request: FastifyRequest & Known): void {
  const { principal, client, method } = request;
  const who = {
    subject: principal?.subject ?? request.claimed ?? null,
    partnerId: principal?.partnerId ?? null,
  };
  const ip = principal?.ip ?? client?.ip ?? null;
  request.log.info({ status, type, detail, method, path: pathOf(request), ...who, ip }, 'request refused');
}

function logOnce(problem: Problem, request: FastifyRequest): void {
  const { method } = request;
  const fields = { err: problem.cause ?? problem, method, path: pathOf(request) };
  if (problem.status === 500) request.log.error(fields, 'request failed');
  else if (problem.status > 500) request.log.warn(fields, 'request refused for now');
  else if (REFUSALS.has(problem.status)) logRefusal(problem, request);
  else
    // The route and not the path: keys end up in paths that nobody serves.
    request.log.debug(
      { status: problem.status, method, route: request.routeOptions.url ?? 'none', detail: problem.detail },
      'request refused',
    );
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}
