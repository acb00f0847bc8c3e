import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { ErrorBoundary } from './shell/error-boundary.js';
import { applyTheme, storedTheme } from './shell/theme-choice.js';
import './styles/tokens.css';
import './styles/base.css';
import './styles/panels.css';
import './styles/buttons.css';
import './styles/fields.css';
import './styles/filters.css';
import './styles/notices.css';
import './styles/tables.css';
import './styles/outcomes.css';
import './styles/dialogs.css';
import './styles/shell.css';
import './now/now.css';
import './requests/requests.css';
import './dead-letters/dead-letters.css';
import './new-request/new-request.css';

applyTheme(storedTheme());
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <App />
    </ErrorBoundary>
  </StrictMode>,
);
