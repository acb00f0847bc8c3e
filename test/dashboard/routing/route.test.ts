import { describe, expect, it } from 'vitest';
import {
  isForeignPage,
  parseRoute,
  pathTo,
  requestPath,
  safeReturnPath,
} from '../../../src/dashboard/routing/route.js';

describe('routes', () => {
  it.each([
    ['/', { view: 'now' }],
    ['/requests', { view: 'requests' }],
    ['/requests/req-1', { view: 'request', requestId: 'req-1' }],
    ['/dead-letters', { view: 'dead-letters' }],
    ['/audit', { view: 'audit' }],
    ['/new', { view: 'new' }],
    ['/login', { view: 'login' }],
    ['/other', { view: 'unknown' }],
    ['/requests/a/b', { view: 'unknown' }],
    ['/requests/%E0%A4%A', { view: 'unknown' }],
  ])('reads %s', (path, route) => {
    expect(parseRoute(path)).toEqual(route);
  });

  it('finds back to any request', () => {
    const requestId = 'key-ü/?#%';
    expect(parseRoute(requestPath(requestId))).toEqual({ view: 'request', requestId });
  });

  it('leaves empty values out of the query', () => {
    expect(pathTo('/requests', { state: '', search: 'a b', other: undefined })).toBe('/requests?search=a+b');
    expect(pathTo('/requests', { state: '' })).toBe('/requests');
  });

  it('knows what is beside it and not a part of it', () => {
    expect(['/queues', '/queues/queue/x', '/docs', '/docs?x', '/docs#x'].map(isForeignPage)).not.toContain(
      false,
    );
    expect(['/', '/requests', '/docsy', '/queues-x', '/requests/docs'].map(isForeignPage)).not.toContain(
      true,
    );
  });

  it('returns after the login to this page only', () => {
    for (const path of ['/requests/req-1', '/dead-letters?code=a%20b#x', '/queues/queue/tat-cancel?page=2']) {
      expect(safeReturnPath(path)).toBe(path);
    }
    for (const path of [
      null,
      '',
      'requests',
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      '/\n/evil.example',
      '/.//evil.example',
      '/login',
      '/login?next=/login',
      '/./login',
      '//[',
    ]) {
      expect([path, safeReturnPath(path)]).toEqual([path, '/']);
    }
  });
});
