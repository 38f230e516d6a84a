import type { FastifyReply } from 'fastify';
import { SESSION_S } from './session.repository.js';

const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';

/** `__Host-`: no other host and no subdomain can set or overwrite it. */
export function setSessionCookie(reply: FastifyReply, secret: string): void {
  reply.header('set-cookie', `__Host-sid=${secret}; ${ATTRIBUTES}; Max-Age=${SESSION_S}`);
}

export function clearSessionCookie(reply: FastifyReply): void {
  reply.header('set-cookie', `__Host-sid=; ${ATTRIBUTES}; Max-Age=0`);
}
