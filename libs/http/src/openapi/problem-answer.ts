import { ApiResponse } from '@nestjs/swagger';

/** Documents a problem that the rules of `operations.ts` do not expect of the route. */
export const ApiProblem = (status: number, description: string): MethodDecorator =>
  ApiResponse({
    status,
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  });
