import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { eventually } from '@backhaul/testing';
import { RunningGateway } from './testing/running-gateway.js';

jest.setTimeout(60_000);
let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await RunningGateway.start();
});
afterAll(() => gateway?.stop());

test('one document shows every service that answers, resolves clashing names and says which is missing', async () => {
  const reference = { $ref: '#/components/schemas/Item' };
  const document = (path: string, schema: object): object => ({
    paths: {
      [path]: { get: { operationId: 'list', responses: { 200: reference } } },
      '/internal': { get: {} },
    },
    components: { schemas: { Item: schema, Problem: { type: 'object' } } },
  });
  gateway.services.accounts.openapi = document('/api/v1/customers/{custId}', {
    type: 'object',
    title: 'customer',
  });
  gateway.services.ingestion.openapi = document('/api/v1/events', { type: 'object', title: 'event' });
  await gateway.services.notifications.down();

  const { text } = await gateway.issueKey({ scopes: ['read'], role: 'partner-read-only' });
  const read = () => gateway.call('GET', '/api/openapi.json', { authorization: `Bearer ${text}` });
  await eventually(async () => expect((await read()).status).toBe(200));
  const { status, json } = await read();
  const { paths, components } = json as unknown as {
    paths: Record<string, { get: { operationId: string; responses: Record<string, { $ref: string }> } }>;
    components: { schemas: Record<string, { title: string }> };
  };
  expect(status).toBe(200);
  const own = ['/api/v1/explain', '/api/v1/stream'];
  expect(Object.keys(paths)).toEqual(['/api/v1/customers/{custId}', '/api/v1/events', ...own]);
  const schemas = Object.keys(components.schemas);
  expect(schemas).toEqual(expect.arrayContaining(['ExplanationOut', 'IngestionItem', 'Item', 'Problem']));
  const event = paths['/api/v1/events']?.get;
  expect(event?.responses['200']?.$ref).toBe('#/components/schemas/IngestionItem');
  expect(components.schemas['IngestionItem']?.title).toBe('event');
  expect(event?.operationId).toBe('Ingestion_list');
  expect(json['x-missing-services']).toEqual(['notifications']);
});
