import { describe, expect, it } from 'vitest';
import { quoteText, tameText } from '../../src/cli/text-format.js';

const steering = 'a\u001b[2Jb\u009b31mc\u007fd\u202ee\u2066f\u2028g\r\nh\ti';

describe('text of unknown origin', () => {
  it('cannot steer a terminal when it is quoted', () => {
    expect(quoteText(steering)).toBe('"a\\u001b[2Jb\\u009b31mc\\u007fd\\u202ee\\u2066f\\u2028g\\r\\nh\\ti"');
  });

  it('cannot steer a terminal when it is tamed', () => {
    expect(tameText(steering)).toBe('a [2Jb 31mc d e f g h i');
  });

  it('is cut when it is long', () => {
    expect(quoteText('x'.repeat(100), 10)).toBe('"xxxxxxxxxx…"');
  });
});
