// tsc leaves other files where they are: the Lua scripts go to dist beside the modules that load them.
import { cpSync } from 'node:fs';

cpSync('src', 'dist', { recursive: true, filter: (path) => !path.includes('.') || path.endsWith('.lua') });
