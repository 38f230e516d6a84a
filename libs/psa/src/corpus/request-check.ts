import { Ajv, type ValidateFunction } from 'ajv';
import { findOperation, toJsonSchema, type ContractDocument, type Operation } from './contract.document.js';

export interface RecordedRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body?: unknown;
}

/** Checks requests against an OpenAPI document: path, method, parameters, required headers, body. */
export class RequestCheck {
  private readonly ajv: Ajv;

  constructor(private readonly document: ContractDocument) {
    this.ajv = new Ajv({ strict: false, allErrors: true, formats: FORMATS });
    const schemas = toJsonSchema({ ...document.components.schemas, PatchOperation: PATCH_OPERATION });
    this.ajv.addSchema({ $id: 'contract', components: { schemas } });
  }

  /** Every complaint about one request; none is a pass. */
  problemsOf(request: RecordedRequest): string[] {
    const root = this.document.servers[0]?.url ?? '';
    if (!request.path.startsWith(root)) return [`the path does not start with ${root}`];
    const found = findOperation(this.document, request.method, request.path.slice(root.length));
    if (found === null) return ['no such operation'];
    return [...parameterProblems(request, found.operation), ...this.bodyProblems(request, found.operation)];
  }

  private bodyProblems(request: RecordedRequest, { requestBody }: Operation): string[] {
    const content = requestBody?.content['application/json'];
    if (!content) return request.body === undefined ? [] : ['a body that the operation does not take'];
    if (request.headers['content-type'] !== 'application/json')
      return ['the content type is not application/json'];
    const validate = this.validatorOf(content.schema);
    if (validate(request.body)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
      return `body${instancePath} ${message ?? ''} ${JSON.stringify(params)}`;
    });
  }

  private validatorOf(schema: object): ValidateFunction {
    const text = JSON.stringify(toJsonSchema(schema)).replaceAll('"#/components', '"contract#/components');
    return this.ajv.compile(JSON.parse(text) as object);
  }
}

const FORMATS = {
  int32: true,
  double: true,
  'date-time': true,
  int64: true,
  uuid: true,
  float: true,
} as const;

/** The published type of `value` is an object; the service takes scalars and whole references. */
const PATCH_OPERATION = {
  type: 'object',
  required: ['op', 'path'],
  properties: {
    op: { enum: ['add', 'replace', 'remove'] },
    path: { type: 'string', pattern: '^[A-Za-z]+$' },
    value: {},
  },
};

function parameterProblems(request: RecordedRequest, { parameters = [] }: Operation): string[] {
  const names = (place: string): string[] => parameters.filter((p) => p.in === place).map((p) => p.name);
  const unknown = Object.keys(request.query).filter((name) => !names('query').includes(name));
  const missing = parameters
    .filter((parameter) => parameter.in === 'header' && parameter.required === true)
    .filter(({ name }) => (request.headers[name.toLowerCase()] ?? '') === '');
  return [
    ...unknown.map((name) => `the query parameter ${name} is unknown`),
    ...missing.map(({ name }) => `the header ${name} is missing`),
  ];
}
