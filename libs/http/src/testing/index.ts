export { accessMatrix, type AccessMatrix, type MatrixAnswer, type MatrixTables } from './access-matrix.js';
export { letterRoutes } from './letter-routes.js';
export { MAY, type Relation, RELATIONS, type Things } from './relations.js';
