export * from './access-token.js';
export * from './definitions.js';
export * from './group-role.js';
export * from './read-settings.js';
