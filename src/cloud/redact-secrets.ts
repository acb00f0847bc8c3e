const longestMessage = 500;

/** Shapes of secrets that an error text might quote, whoever's they are. */
const secretShapes: readonly (readonly [RegExp, string])[] = [
  [/\bAKID[0-9A-Za-z_-]{8,}/g, '***'],
  [/\b(Authorization)["']?\s*[:=]\s*["']?[^\n"']+/gi, '$1: ***'],
  [/\bTC3-HMAC-SHA256\s+Credential=[^\n]+/g, 'TC3-HMAC-SHA256 ***'],
  [
    /\b(Signature|Credential|X-TC-Token|Token|SecretKey|SecretId|TmpSecretKey|TmpSecretId)=[^\s&,;]+/gi,
    '$1=***',
  ],
];

/**
 * Makes an error text fit to be logged and stored: the given secrets and whatever looks like one become `***`, and
 * what is left is cut to about 500 characters.
 */
export function redactSecrets(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length >= 4) clean = clean.replaceAll(secret, '***');
  }
  for (const [shape, replacement] of secretShapes) clean = clean.replace(shape, replacement);
  return clean.length <= longestMessage ? clean.toWellFormed() : `${cut(clean, longestMessage - 1)}…`;
}

/** At most so many code units, and no half of a character at the end: JSON with one is refused by Redis' scripts. */
function cut(text: string, most: number): string {
  return text
    .slice(0, most)
    .replace(/[\uD800-\uDBFF]$/, '')
    .toWellFormed();
}
