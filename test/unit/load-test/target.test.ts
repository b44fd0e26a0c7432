import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/lib/base/errors/mlops-error.js';
import { parseTarget, redactUrl, withPath } from '../../../src/lib/load-test/target.js';

function refusal(text: string): UsageError {
  try {
    parseTarget(text);
  } catch (error) {
    if (error instanceof UsageError) return error;
  }
  throw new Error(`${text} was not refused`);
}

describe('parseTarget', () => {
  it('reads host, port, path and scheme', () => {
    expect(parseTarget('https://model.example.com/v1/api?x=1#top')).toMatchObject({
      secure: true,
      hostname: 'model.example.com',
      port: 443,
      host: 'model.example.com',
      path: '/v1/api?x=1',
      pathname: '/v1/api',
      shown: 'https://model.example.com/v1/api?x=1',
    });
    expect(parseTarget('http://[::1]:8080')).toMatchObject({
      hostname: '::1',
      port: 8080,
      host: '[::1]:8080',
      path: '/',
    });
  });

  it('sends a user name and password as a header and shows neither', () => {
    const target = parseTarget('http://anna:s%40fe@127.0.0.1:8080/api');
    expect(target.authorization).toBe(`Basic ${Buffer.from('anna:s@fe').toString('base64')}`);
    expect(target.shown).toBe('http://***@127.0.0.1:8080/api');
    expect(target.host).toBe('127.0.0.1:8080');
  });

  it.each([
    'ftp://127.0.0.1/',
    'ws://127.0.0.1/',
    'file:///etc/passwd',
    'http://',
    'http://a b/',
    'http://127.0.0.1:99999/',
    'http://127.0.0.1:0/',
  ])('refuses %s with exit code 2', (text) => {
    expect(refusal(text)).toMatchObject({ code: 'INVALID_URL', exitCode: 2 });
  });

  it('guesses what a URL without a scheme was meant to be, and keeps its password to itself', () => {
    expect(refusal('localhost:8080/api').actions).toEqual(['mlops load-test http://localhost:8080/api']);
    const { message, actions, why } = refusal('anna:secret@localhost:8080/api');
    expect([message, why, ...actions].join()).not.toContain('secret');
  });
});

describe('redactUrl', () => {
  it('hides query parameters that sound like secrets, and only those', () => {
    expect(redactUrl('http://h/api?rows=3&api_key=abc&access_token=x')).toBe(
      'http://h/api?rows=3&api_key=***&access_token=***',
    );
  });
});

describe('withPath', () => {
  it('keeps host, query and credentials', () => {
    const target = withPath(parseTarget('http://anna:pw@127.0.0.1:1/?x=1'), '/api');
    expect(target).toMatchObject({ path: '/api?x=1', pathname: '/api', shown: 'http://***@127.0.0.1:1/api?x=1' });
    expect(target.authorization).toBeDefined();
  });
});
