import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { describeClasses } from './class-properties.js';
import { handlerArguments } from './handlers.js';
import { addParameters, addProblems, METHODS } from './operations.js';

/** The service's OpenAPI document, from its controllers and class-validator's decorators. */
export function openApiOf(
  app: INestApplication,
  about: { title: string; description?: string },
): OpenAPIObject {
  describeClasses();
  const builder = new DocumentBuilder().setTitle(about.title).setVersion('1').addBearerAuth();
  if (about.description) builder.setDescription(about.description);
  const document = SwaggerModule.createDocument(app, builder.build());
  const handlers = handlerArguments(app);
  for (const item of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      addParameters(operation, handlers.get(operation.operationId ?? '') ?? []);
      addProblems(operation, method);
    }
  }
  const components = (document.components ??= {});
  components.schemas = { ...components.schemas, Problem: PROBLEM_SCHEMA };
  components.responses = { ...components.responses, Problem: PROBLEM_RESPONSE };
  return document;
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
