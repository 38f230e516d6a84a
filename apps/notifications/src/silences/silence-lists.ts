import { type Clock, isUuid } from '@backhaul/domain';
import {
  decodeCursor, encodeCursor, idempotently, type Page, pageOf, type PageQuery, type Principal, Problem,
} from '@backhaul/http'; // prettier-ignore
import type { IdempotencyTable } from '@backhaul/persistence';
import type { FastifyReply } from 'fastify';
import { type ChangeSilencesHandler, silenceEtag } from './change-silences.handler.js';
import type { Silence, SilenceKind, SilenceSettings } from './silence.js';
import type { SilenceRepository } from './silence.repository.js';

type Out<O> = (silence: Silence, etag: string, now: Date) => O;

/** What the two surfaces, silences and maintenance windows, have in common. */
export class SilenceLists {
  constructor(
    private readonly silences: SilenceRepository,
    private readonly changeSilences: ChangeSilencesHandler,
    private readonly idempotency: IdempotencyTable,
    private readonly clock: Clock,
  ) {}

  async page<O>(
    caller: Principal,
    kind: SilenceKind,
    { limit, cursor, total }: PageQuery,
    out: Out<O>,
  ): Promise<Page<O>> {
    const after = cursor === undefined ? null : afterOf(cursor);
    // One more than asked for tells whether there is another page.
    const found = await this.silences.page(caller, { kind, limit: limit + 1, after });
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    const count = total ? await this.silences.count(caller, kind) : undefined;
    return pageOf(
      items.map((silence) => this.shown(silence, out)),
      last ? encodeCursor([last.id]) : null,
      count,
    );
  }

  async create<O>(
    caller: Principal,
    request: {
      path: string;
      header: string | undefined;
      body: object;
      settingsAt: (now: Date) => SilenceSettings;
    },
    out: Out<O>,
    reply: FastifyReply,
  ): Promise<O> {
    const { path, header, body, settingsAt } = request;
    const route = `POST /${path} by ${caller.subject}`;
    const asked = { partnerId: caller.partnerId, route, header, body };
    const answer = await idempotently(this.idempotency, asked, async () => {
      const createdBy = caller.actor?.subject ?? caller.subject;
      const silence = await this.changeSilences.create(caller, createdBy, settingsAt(this.clock.now()));
      const headers = { etag: silenceEtag(silence), location: `/${path}/${silence.id}` };
      return { status: 201, body: this.shown(silence, out), headers };
    });
    reply.headers(answer.headers);
    return answer.body as O;
  }

  one<O>(silence: Silence, out: Out<O>, reply: FastifyReply): O {
    reply.header('etag', silenceEtag(silence));
    return this.shown(silence, out);
  }

  private shown<O>(silence: Silence, out: Out<O>): O {
    return out(silence, silenceEtag(silence), this.clock.now());
  }
}

/** @throws Problem 400 */
function afterOf(cursor: string): string {
  const [after] = decodeCursor(cursor);
  if (isUuid(after)) return after;
  throw Problem.badRequest([{ pointer: '/cursor', detail: 'No such page.', rule: 'cursor' }]);
}
