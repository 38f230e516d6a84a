import { describe, expect, it } from '@jest/globals';
import { RequestCheck, type RecordedRequest } from './corpus/request-check.js';

const check = new RequestCheck({
  servers: [{ url: '/api' }],
  paths: {
    '/things': {
      get: {
        parameters: [
          { name: 'page', in: 'query' },
          { name: 'clientId', in: 'header', required: true },
        ],
      },
      post: {
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
      },
    },
    '/things/{id}': {
      patch: {
        requestBody: {
          content: {
            'application/json': {
              schema: { type: 'array', items: { $ref: '#/components/schemas/PatchOperation' } },
            },
          },
        },
      },
    },
  },
  components: {
    schemas: {
      Thing: {
        type: 'object',
        properties: { name: { type: 'string', maxLength: 3, nullable: true } },
        required: ['name'],
      },
      PatchOperation: { type: 'object', properties: { value: { type: 'object' } } },
    },
  },
});

const request = (overrides: Partial<RecordedRequest>): RecordedRequest => ({
  method: 'POST',
  path: '/api/things',
  query: {},
  headers: { 'content-type': 'application/json' },
  body: { name: 'abc' },
  ...overrides,
});

describe('a request against its contract', () => {
  it.each<[what: string, overrides: Partial<RecordedRequest>]>([
    ['a body that fits', {}],
    ['null where it may be', { body: { name: null } }],
    [
      'a known parameter',
      { method: 'GET', query: { page: '1' }, headers: { clientid: 'x' }, body: undefined },
    ],
    [
      'a scalar in a PATCH',
      { method: 'PATCH', path: '/api/things/7', body: [{ op: 'replace', path: 'name', value: 'x' }] },
    ],
  ])('passes: %s', (_what, overrides) => {
    expect(check.problemsOf(request(overrides))).toEqual([]);
  });

  it.each<[what: string, overrides: Partial<RecordedRequest>]>([
    ['an unknown path', { path: '/api/other' }],
    ['a path outside the API', { path: '/things' }],
    ['an unknown method', { method: 'DELETE' }],
    [
      'an unknown parameter',
      { method: 'GET', query: { pages: '1' }, headers: { clientid: 'x' }, body: undefined },
    ],
    ['a missing header', { method: 'GET', headers: {}, body: undefined }],
    ['a field too long', { body: { name: 'abcd' } }],
    ['an unknown field', { body: { name: 'abc', nome: 1 } }],
    ['a missing field', { body: {} }],
    ['another content type', { headers: { 'content-type': 'text/plain' } }],
    [
      'a leading slash in a PATCH path',
      { method: 'PATCH', path: '/api/things/7', body: [{ op: 'replace', path: '/name' }] },
    ],
    ['a PATCH that is no list', { method: 'PATCH', path: '/api/things/7', body: {} }],
  ])('fails: %s', (_what, overrides) => {
    expect(check.problemsOf(request(overrides))).not.toEqual([]);
  });
});
