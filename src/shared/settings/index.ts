export * from './definitions.js';
export * from './read-settings.js';
