import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { attachment, CSV_MEDIA_TYPE, type Principal, Problem } from '@backhaul/http';
import { type AuditedAct, outboxAuditTrail, UnitOfWork } from '@backhaul/persistence';
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** Each holds a page in memory, and works the database for as long as its reader can take it. */
const MOST_AT_ONCE = 4;

export interface CsvFile {
  name: string;
  lines: AsyncGenerator<string, void, undefined>;
  /** What the audit trail says of it. */
  act: AuditedAct;
}

/** Files that are made while they are read, few at once. */
@Injectable()
export class CsvDownloads {
  private underWay = 0;

  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws Problem 503 while others are downloaded */
  async send(reply: FastifyReply, { partnerId }: Principal, { name, lines, act }: CsvFile): Promise<void> {
    if (this.underWay >= MOST_AT_ONCE)
      throw Problem.tooBusy(10, 'Other files are being downloaded; try again in a moment.');
    this.underWay += 1;
    try {
      await this.unitOfWork.run((tx) => outboxAuditTrail.record(tx, partnerId, act));
    } catch (error) {
      this.underWay -= 1;
      throw error;
    }
    // Pages are read as the reader takes them, long after the handler: still in the caller's name (ADR 6).
    const inContext = AsyncLocalStorage.snapshot();
    const next = (): Promise<IteratorResult<string, void>> => inContext(() => lines.next());
    const bound = { [Symbol.asyncIterator]: () => ({ next, return: () => lines.return() }) };
    const stream = Readable.from(bound, { highWaterMark: 1 });
    stream.once('close', () => (this.underWay -= 1));
    const headers = { 'content-type': CSV_MEDIA_TYPE, 'content-disposition': attachment(name) };
    await reply.headers({ ...headers, 'cache-control': 'no-store' }).send(stream);
  }
}
