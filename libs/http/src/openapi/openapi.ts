import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { describeClasses } from './class-properties.js';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const PROBLEM_REF = { $ref: '#/components/responses/Problem' };

/** The service's OpenAPI document, from its controllers and class-validator's decorators. */
export function openApiOf(
  app: INestApplication,
  about: { title: string; description?: string },
): OpenAPIObject {
  describeClasses();
  const builder = new DocumentBuilder().setTitle(about.title).setVersion('1').addBearerAuth();
  if (about.description) builder.setDescription(about.description);
  const document = SwaggerModule.createDocument(app, builder.build());
  for (const item of Object.values(document.paths)) {
    for (const method of METHODS) if (item[method]) addProblems(item[method], method);
  }
  const components = (document.components ??= {});
  components.schemas = { ...components.schemas, Problem: PROBLEM_SCHEMA };
  components.responses = { ...components.responses, Problem: PROBLEM_RESPONSE };
  return document;
}

function addProblems(operation: Operation, method: (typeof METHODS)[number]): void {
  const hasParameters = (operation.parameters ?? []).length > 0 || operation.requestBody !== undefined;
  const statuses = ['401', '403', '429', '503', ...(hasParameters ? ['400'] : [])];
  if ((operation.parameters ?? []).some((p) => 'in' in p && p.in === 'path')) statuses.push('404');
  if (method !== 'get' && operation.requestBody) statuses.push('413', '415', '422');
  operation.responses ??= {};
  for (const status of statuses) operation.responses[status] ??= PROBLEM_REF;
  operation.responses['default'] ??= PROBLEM_REF;
  operation.security ??= [{ bearer: [] }];
}

const text = { type: 'string' as const };

const PROBLEM_SCHEMA = {
  type: 'object' as const,
  required: ['type', 'title', 'status', 'detail', 'instance', 'requestId'],
  properties: {
    type: text,
    title: text,
    status: { type: 'integer' as const },
    detail: text,
    instance: text,
    requestId: text,
    errors: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        required: ['pointer', 'detail', 'rule'],
        properties: { pointer: text, detail: text, rule: text },
      },
    },
  },
};

const PROBLEM_RESPONSE = {
  description: 'What went wrong, as RFC 9457 words it.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
