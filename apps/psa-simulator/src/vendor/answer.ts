import type { FastifyReply } from 'fastify';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

export function emptyAnswer(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: '' };
}

export async function send(reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  return reply.code(answer.status).headers(answer.headers).send(answer.body);
}
