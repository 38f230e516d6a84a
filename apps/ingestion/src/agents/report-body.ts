import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Problem } from '@backhaul/http';

/** Of a report, also after inflating it. */
export const REPORT_LIMIT_BYTES = 2 * 1024 * 1024;

const inflate = promisify(gunzip);
const EMPTY = Buffer.alloc(0);

export interface ReportBody {
  bytes: Buffer;
  /** The body claims an encoding that it does not have, or that we do not know; these are the bytes as sent. */
  isGarbled: boolean;
}

/** The report's bytes, inflated where they came as gzip. A bomb stops at the limit: 413. */
export async function reportBodyOf(body: unknown, encoding: string | undefined): Promise<ReportBody> {
  const bytes = Buffer.isBuffer(body) ? body : EMPTY;
  if (encoding === undefined || encoding === 'identity' || bytes.length === 0)
    return { bytes, isGarbled: false };
  if (!/^(x-)?gzip$/i.test(encoding.trim())) return { bytes, isGarbled: true };
  try {
    return { bytes: await inflate(bytes, { maxOutputLength: REPORT_LIMIT_BYTES }), isGarbled: false };
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw Problem.tooLarge();
    return { bytes, isGarbled: true };
  }
}
