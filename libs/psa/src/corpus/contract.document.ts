/** The parts of an OpenAPI 3.0 document that this check reads. */
export interface Operation {
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: { content: Record<string, { schema: object }> };
}

export interface ContractDocument {
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

export interface FoundOperation {
  /** Such as `/service/tickets/{id}`. */
  template: string;
  operation: Operation;
}

/** The operation that a real path belongs to; literal segments win over placeholders. */
export function findOperation(
  document: ContractDocument,
  method: string,
  path: string,
): FoundOperation | null {
  const templates = Object.keys(document.paths)
    .filter((template) => patternOf(template).test(path))
    .toSorted((a, b) => a.split('{').length - b.split('{').length);
  for (const template of templates) {
    const operation = document.paths[template]?.[method.toLowerCase()];
    if (operation) return { template, operation };
  }
  return null;
}

function patternOf(template: string): RegExp {
  const parts = template.split(/\{[^}]+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]+')}$`);
}

/** OpenAPI's `nullable` and vendor-only keywords as JSON Schema says them; unknown fields become errors. */
export function toJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toJsonSchema);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...rest } = value as Record<string, unknown>;
  const schema: Record<string, unknown> = Object.fromEntries(
    Object.entries(rest).map(([name, inner]) => [name, toJsonSchema(inner)]),
  );
  if (nullable === true && typeof schema['type'] === 'string') schema['type'] = [schema['type'], 'null'];
  const isClosed =
    schema['type'] === 'object' && schema['properties'] && schema['additionalProperties'] === undefined;
  return isClosed ? { ...schema, additionalProperties: false } : schema;
}
