import { useState } from 'react';
import { Icon } from '../parts/icon.js';
import { applyTheme, storedTheme, type Theme, themeAfter } from './theme-choice.js';

const words: Readonly<Record<Theme, string>> = {
  system: 'as the system has it',
  light: 'light',
  dark: 'dark',
};

export function ThemeToggle() {
  const [theme, setTheme] = useState(storedTheme);
  const next = themeAfter(theme);
  const change = () => {
    applyTheme(next);
    setTheme(next);
  };
  return (
    <button
      type="button"
      className="button quiet icon-only"
      onClick={change}
      aria-label={`Colours: ${words[theme]}. Change to ${words[next]}`}
      title={`Colours: ${words[theme]}`}
    >
      <Icon name={theme} />
    </button>
  );
}
