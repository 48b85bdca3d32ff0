import { Component, type ReactNode } from 'react';
import { useTranslate } from '../i18n/useTranslate.ts';

interface Props {
  readonly children: ReactNode;
}

/** Contains a failure of its children: shows what happened and offers to start them again. */
export class ErrorBoundary extends Component<Props, { readonly error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return <Failure error={this.state.error} reload={() => this.setState({ error: null })} />;
  }
}

function Failure({ error, reload }: { readonly error: unknown; readonly reload: () => void }) {
  const t = useTranslate();
  return (
    <div className="failure" role="alert">
      <h2>{t('panel.failed')}</h2>
      <pre>{error instanceof Error ? (error.stack ?? error.message) : String(error)}</pre>
      <button type="button" onClick={reload}>
        {t('panel.reload')}
      </button>
    </div>
  );
}
