/** Opens what is sealed. Apart from the rest of the library, so that .dependency-cruiser.cjs can say who may. */
export { unwrapKey } from './sealing/data-key.js';
export { type Fields, openConnection, openFields } from './sealing/open.js';
export { unseal } from './sealing/unseal-v1.js';
