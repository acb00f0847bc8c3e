import { describe, expect, it } from 'vitest';
import { parseRoute, pathTo, requestPath, safeReturnPath } from '../../../src/dashboard/routing/route.js';

describe('routes', () => {
  it.each([
    ['/', { view: 'now' }],
    ['/requests', { view: 'requests' }],
    ['/requests/req-1', { view: 'request', requestId: 'req-1' }],
    ['/dead-letters', { view: 'dead-letters' }],
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

  it('returns after the login to this page only', () => {
    expect(safeReturnPath('/requests/req-1')).toBe('/requests/req-1');
    for (const path of [null, '', 'https://evil.example', '//evil.example', '/\\evil.example', '/login']) {
      expect(safeReturnPath(path)).toBe('/');
    }
  });
});
