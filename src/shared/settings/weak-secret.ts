/** What people type when something wants a secret: lists of guesses begin with these. */
const commonParts =
  /passw(?:or|0r)[dt]|passphrase|secret|token|change-?me|let-?me-?in|welcome|admin(?:istrator)?|operat(?:or|e)|enqueuer?|reader|read|test(?:ing)?|example|default|tat-?cancel|qwerty(?:uiop)?|asdfgh(?:jkl)?|zxcvbnm?|iloveyou|monkey|dragon/gi;

const fewestDifferent = 8;
const fewestUnguessable = 8;

/** Why a secret is easily guessed, as it follows "a secret that"; undefined when it is not obviously so. */
export function weaknessOf(secret: string, name: string): string | undefined {
  if (new Set(secret).size < fewestDifferent) return `has fewer than ${fewestDifferent} different characters`;
  if (repeatsItself(secret)) return 'repeats itself';
  const rest = withoutRuns(secret.replaceAll(name, '').replace(commonParts, '')).replace(
    /[-_.,:;!?#*+$@ ]/g,
    '',
  );
  if (rest.length < fewestUnguessable) return 'is made of common words and runs of characters';
  return undefined;
}

function repeatsItself(text: string): boolean {
  for (let part = 1; part <= text.length / 2; part += 1) {
    if (text.slice(part) === text.slice(0, -part)) return true;
  }
  return false;
}

/** Takes out 4 and more characters that count up or down: 0123, dcba. */
function withoutRuns(text: string): string {
  let kept = '';
  for (let from = 0; from < text.length; ) {
    const length = Math.max(runAt(text, from, 1), runAt(text, from, -1));
    if (length < 4) kept += text[from];
    from += length < 4 ? 1 : length;
  }
  return kept;
}

function runAt(text: string, from: number, step: number): number {
  let length = 1;
  while (text.charCodeAt(from + length) - text.charCodeAt(from + length - 1) === step) length += 1;
  return length;
}
