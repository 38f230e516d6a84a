import type { Socket } from 'node:net';
import { systemClock, uuidv7 } from '@backhaul/domain';
import { Problem } from '../problems/problem.js';

interface Refusal {
  line: string;
  problem: Problem;
}

const TIMED_OUT: Refusal = { line: '408 Request Timeout', problem: Problem.requestTimeout() };
const REFUSALS: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    line: '431 Request Header Fields Too Large',
    problem: Problem.badRequest([], 'The headers are too large.'),
  },
  ERR_HTTP_REQUEST_TIMEOUT: TIMED_OUT,
};
const NOT_HTTP: Refusal = {
  line: '400 Bad Request',
  problem: Problem.badRequest([], 'This is not a valid HTTP request.'),
};

/** Bytes that are not HTTP, headers above the limit, or a head that does not end: answered where Fastify has no request. */
export function refuseUnreadable(error: { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy();
  const { line, problem } = REFUSALS[error.code ?? ''] ?? NOT_HTTP;
  const requestId = uuidv7(systemClock.now().getTime());
  const body = JSON.stringify({ ...problem.body(), status: Number(line.slice(0, 3)), requestId });
  const head = `content-type: application/problem+json; charset=utf-8\r\nx-request-id: ${requestId}`;
  const length = Buffer.byteLength(body);
  socket.end(`HTTP/1.1 ${line}\r\n${head}\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${body}`);
}
