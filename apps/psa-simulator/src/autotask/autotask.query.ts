import { jsonAnswer, type Answer } from '../vendor/answer.js';
import type { VendorRequest } from '../vendor/vendor-surface.js';
import { refused } from './autotask.answers.js';
import { ENTITIES, USER_FIELDS } from './autotask.entities.js';
import { compileFilter, type EntityRecord } from './autotask.filter.js';

const MAX_RECORDS = 500;

/** What a query says, whichever of the two ways it came. Property names are read without regard to case. */
export interface Query {
  filter: unknown;
  maxRecords: number;
  includeFields: string[];
  /** Rows before this page. */
  skip: number;
}

export function readQuery(request: VendorRequest): Query {
  const isNext = /\/query\/next$/i.test(request.path);
  const search = isNext ? request.query['paging'] : request.query['search'];
  const source = request.method === 'GET' || isNext ? parsed(search) : request.body;
  if (typeof source !== 'object' || source === null)
    throw refused('The query is no JSON object with a filter.');
  const fields = Object.fromEntries(
    Object.entries(source).map(([name, value]) => [name.toLowerCase(), value as unknown]),
  );
  const maxRecords = Number(fields['maxrecords'] ?? MAX_RECORDS);
  if (!Number.isInteger(maxRecords) || maxRecords < 1 || maxRecords > MAX_RECORDS) {
    throw refused(`MaxRecords must be between 1 and ${MAX_RECORDS}.`);
  }
  const include = fields['includefields'];
  return {
    filter: fields['filter'],
    maxRecords,
    includeFields: Array.isArray(include) ? include.map(String) : [],
    skip: Number(fields['skip'] ?? 0),
  };
}

/** @param base absolute URL of the entity, such as `…/V1.0/Tickets` */
export function queryAnswer(query: Query, entity: string, records: EntityRecord[], base: string): Answer {
  const found = filtered(query, entity, records);
  const page = found.slice(query.skip, query.skip + query.maxRecords);
  const link = (skip: number): string => {
    const paging = JSON.stringify({ ...query, skip });
    return `${base}/query/next?paging=${encodeURIComponent(paging)}`;
  };
  const after = query.skip + query.maxRecords;
  return jsonAnswer(200, {
    items: page.map((record) => included(record, query.includeFields)),
    pageDetails: {
      count: page.length,
      requestCount: query.maxRecords,
      prevPageUrl: query.skip > 0 ? link(Math.max(0, query.skip - query.maxRecords)) : null,
      nextPageUrl: after < found.length ? link(after) : null,
    },
  });
}

export function countAnswer(query: Query, entity: string, records: EntityRecord[]): Answer {
  return jsonAnswer(200, { queryCount: filtered(query, entity, records).length });
}

function filtered(query: Query, entity: string, records: EntityRecord[]): EntityRecord[] {
  const predicate = compileFilter(query.filter, ENTITIES[entity] ?? [], USER_FIELDS[entity]);
  return records.filter(predicate).toSorted((a, b) => Number(a['id']) - Number(b['id']));
}

function included(record: EntityRecord, names: string[]): EntityRecord {
  if (names.length === 0) return record;
  const wanted = new Set(['id', ...names.map((name) => name.toLowerCase())]);
  return Object.fromEntries(Object.entries(record).filter(([name]) => wanted.has(name.toLowerCase())));
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '') as unknown;
  } catch {
    return null;
  }
}
