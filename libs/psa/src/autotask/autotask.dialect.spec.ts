import { describe, expect, it } from '@jest/globals';
import { classify } from '../calls/classify.js';
import { autotaskDialect } from './autotask.dialect.js';

const dialect = autotaskDialect((text) => text);
const judge = (status: number, text: string, contentType = 'application/json') =>
  classify(
    { answer: { status, contentType, retryAfter: null, requestId: null, text } },
    dialect,
    new Date(0),
  );
const errors = (...texts: unknown[]): string => JSON.stringify({ errors: texts });

describe('a 500 of Autotask is judged by its texts', () => {
  it.each([
    'String value exceeds maximum length (field:description). | Error updating entity for record number [1].',
    'Data violation: When assigning a Resource, you must assign both a assignedResourceID and assignedResourceRoleID.',
    'Picklist value [3] does not exist for noteType. ; on record number [1].',
    'The companyLocationID[285] cannot be associated with the Ticket.',
    'Reference value on field: contactID of type: Contact does not exist or is invalid.',
    "Conversion failed when converting the varchar value 'New' to data type int.",
    'No matching records found for id [7].',
  ])('definitive: %s', (text) => {
    expect(judge(500, errors(text))).toMatchObject({
      outcome: 'definitive',
      reason: 'invalid_field',
      vendorMessages: [text],
    });
    expect(judge(500, errors({ message: text }))).toMatchObject({ outcome: 'definitive' });
  });

  it.each([
    ['an internal error', errors('An internal error occurred. Please try again.')],
    ['a timeout on a field', errors('Timeout expired while reading field: companyID')],
    ['a text that nobody knows', errors('Something happened')],
    ['no texts', errors()],
    ['texts that are none', errors(1, null, {})],
    ['no errors', '{}'],
    ['nothing', ''],
    ['HTML', '<h1>Picklist value does not exist</h1>'],
    ['no object', '"Picklist value does not exist"'],
  ])('unknown: %s', (_what, text) => {
    expect(judge(500, text)).toMatchObject({ outcome: 'unknown', reason: 'server_error' });
  });

  it('rights and keys have outcomes of their own', () => {
    const rights = errors(
      'The logged in Resource does not have the adequate permissions to create this entity.',
    );
    expect(judge(500, rights)).toMatchObject({ outcome: 'definitive', reason: 'forbidden' });
    expect(judge(500, errors('IntegrationCode is invalid.'))).toMatchObject({ outcome: 'credential' });
    expect(judge(401, '')).toMatchObject({ outcome: 'credential', reason: 'unauthorized' });
  });

  it.each([429, 500, 409])('too many threads are put off, also as %i', (status) => {
    const text = errors('The API thread threshold of 3 threads has been exceeded. (Itgenatr005)');
    expect(judge(status, text)).toMatchObject({
      outcome: 'retry_after',
      reason: 'thread_limit',
      retryAfterMs: null,
    });
  });

  it('only a 500 is judged so: 503 stays unknown', () => {
    expect(judge(503, errors('Picklist value [3] does not exist.'))).toMatchObject({ outcome: 'unknown' });
  });
});
