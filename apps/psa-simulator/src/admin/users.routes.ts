import type { FastifyInstance, FastifyReply } from 'fastify';
import { BadInput, type Input } from '../users/bad-input.js';
import { ROLES, type Member } from '../users/member.js';
import { isApiUser, type Resource } from '../users/resource.js';
import type { UserStore } from '../users/user-store.js';

interface One {
  Params: { id: string };
  Body: unknown;
}

/** API users of both PSAs, for programs and tests; what people see is in the pages. */
export function serveUsers(app: FastifyInstance, users: UserStore): void {
  const members = '/admin/connectwise/members';
  app.get(members, async () => ({
    items: users.members().map(memberOut),
    licencesUsed: licencesUsed(users.members()),
  }));
  app.post<{ Body: unknown }>(members, ({ body }, reply) =>
    answered(reply, 201, () => memberOut(users.addMember(inputOf(body)))),
  );
  app.patch<One>(`${members}/:id`, ({ params, body }, reply) =>
    answered(reply, 200, () => memberOut(users.changeMember(Number(params.id), inputOf(body)))),
  );
  app.post<One>(`${members}/:id/keys`, ({ params, body }, reply) =>
    answered(reply, 201, () => {
      const { key, privateKey } = users.addKey(Number(params.id), inputOf(body));
      return { ...keyOut(key), privateKey };
    }),
  );
  app.delete<{ Params: { id: string; key: string } }>(`${members}/:id/keys/:key`, ({ params }, reply) =>
    answered(reply, 204, () => users.removeKey(Number(params.id), Number(params.key))),
  );
  const resources = '/admin/autotask/resources';
  app.get(resources, async () => ({ items: users.resources().map(resourceOut) }));
  app.post<{ Body: unknown }>(resources, ({ body }, reply) =>
    answered(reply, 201, () => {
      const { resource, secret } = users.addResource(inputOf(body));
      return { ...resourceOut(resource), secret };
    }),
  );
  app.patch<One>(`${resources}/:id`, ({ params, body }, reply) =>
    answered(reply, 200, () => resourceOut(users.changeResource(Number(params.id), inputOf(body)))),
  );
  app.post<{ Params: { id: string } }>(`${resources}/:id/secret`, ({ params }, reply) =>
    answered(reply, 201, () => {
      const { resource, secret } = users.renewSecret(Number(params.id));
      return { ...resourceOut(resource), secret };
    }),
  );
}

/** People take a licence each; API members take none. */
export function licencesUsed(members: Member[]): number {
  return members.filter(({ isApi, isInactive }) => !isApi && !isInactive).length;
}

function memberOut({ keys, ...member }: Member) {
  const roleName = ROLES.find(({ id }) => id === member.roleId)?.name ?? null;
  return { ...member, roleName, keys: keys.map(keyOut) };
}

function keyOut({ privateKeyHash: _, ...key }: Member['keys'][number]) {
  return key;
}

function resourceOut(resource: Resource) {
  const { secretHash: _, ...shown } = resource;
  return { ...shown, isApiUser: isApiUser(resource) };
}

async function answered(reply: FastifyReply, status: number, work: () => unknown): Promise<FastifyReply> {
  try {
    return await reply.code(status).header('cache-control', 'no-store').send(work());
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    return reply
      .code(error.status)
      .type('application/problem+json')
      .send(JSON.stringify(problemOf(error)));
  }
}

function problemOf({ status, message, errors }: BadInput) {
  return {
    type: 'about:blank',
    title: status === 404 ? 'Not found' : status === 409 ? 'Conflict' : 'Invalid request',
    status,
    message,
    errors: errors.map(({ field, detail }) => ({ pointer: `/${field}`, detail })),
  };
}

function inputOf(body: unknown): Input {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Input) : {};
}
