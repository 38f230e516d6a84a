import type { OpenAPIObject } from '@nestjs/swagger';
import { CheckedParam } from '../validation/params.js';
import type { HandlerArgument } from './handlers.js';

type PathItem = OpenAPIObject['paths'][string];
export type Operation = NonNullable<PathItem['get']>;
type Parameter = Extract<NonNullable<Operation['parameters']>[number], { in: string }>;

export const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
type Method = (typeof METHODS)[number];

const PROBLEM_REF = { $ref: '#/components/responses/Problem' };

/** What a handler may read of the headers that every service treats alike. */
const HEADERS: Record<string, Parameter> = {
  'if-match': {
    name: 'If-Match',
    in: 'header',
    required: true,
    description: 'The ETag as it was read, or `*`. Missing: 428. Stale: 412.',
    schema: { type: 'string' },
  },
  'idempotency-key': {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description: 'Kept 24 h: the same body gets the same answer, another body 422.',
    schema: { type: 'string', pattern: '^[!-~]{1,200}$' },
  },
};

/** The headers that the handler reads, and the rules of its path segments. */
export function addParameters(operation: Operation, args: readonly HandlerArgument[]): void {
  const parameters = (operation.parameters ??= []);
  for (const { from, name, pipes } of args) {
    const header = from === 'header' ? HEADERS[name] : undefined;
    if (header) parameters.push(header);
    const checked = pipes.find((pipe) => pipe instanceof CheckedParam);
    const documented = parameters.find((each) => 'in' in each && each.in === 'path' && each.name === name);
    if (checked && documented && 'in' in documented) documented.schema = { ...checked.schema };
  }
}

/**
 * Every problem that guards, limits, validation, preconditions and idempotency can answer. There is no `default`:
 * an answer that is not listed is a defect, and `npm run test:schema` finds it.
 */
export function addProblems(operation: Operation, method: Method): void {
  const isChange = method !== 'get';
  const statuses = [
    ...['400', '401', '403', '429', '500', '502', '503', '504'],
    ...(has(operation, 'path') || operation.requestBody ? ['404'] : []),
    // Any change can meet a state or an uniqueness that forbids it; its body is judged even where none is expected.
    ...(isChange ? ['409', '413', '415', '422'] : []),
    ...(has(operation, 'header', 'If-Match') ? ['412', '428'] : []),
  ];
  operation.responses ??= {};
  for (const status of statuses) operation.responses[status] ??= PROBLEM_REF;
  operation.security ??= [{ bearer: [] }];
}

function has(operation: Operation, place: string, name?: string): boolean {
  return (operation.parameters ?? []).some(
    (each) => 'in' in each && each.in === place && (name === undefined || each.name === name),
  );
}
