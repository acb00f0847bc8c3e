// Takes the pictures of the operator page in docs/images: each view in light and dark, and one as on a phone. Needs a
// built dist/, redis-server and Chromium; everything runs on this machine and is stopped afterwards.
import { register } from 'tsx/esm/api';

register();
const { takePictures } = await import('../test/dashboard/support/take-pictures.ts');
const folder = new URL('../docs/images/', import.meta.url);
await takePictures(process.argv[2] ?? folder.pathname);
