import { describe, expect, it } from 'vitest';
import { chooseMongo, mongoTitle, mongoUri } from './mongo.ts';

const address = { host: '127.20.0.4', port: 27117 };

describe('which MongoDB is used', () => {
  it('is the one that MONGODB_URI names', () => {
    const choice = chooseMongo({ MONGODB_URI: 'mongodb://elsewhere:27017', PATH: '' });
    expect(choice).toEqual({ kind: 'given', uri: 'mongodb://elsewhere:27017' });
    expect(mongoTitle(choice)).toBe('MongoDB');
  });

  it('is an emulator, and is called so, where there is none', () => {
    const choice = chooseMongo({ PATH: '/nowhere' });
    expect(choice).toEqual({ kind: 'emulator' });
    expect(mongoTitle(choice)).toBe('MongoDB emulator');
    expect(mongoUri(choice, address, 'rentcar_mypage')).toBe('mongodb://127.20.0.4:27117/rentcar_mypage');
  });
});

describe('the URI of a database on a given server', () => {
  it.each([
    ['mongodb://elsewhere:27017', 'mongodb://elsewhere:27017/rentcar_mypage'],
    ['mongodb://u:p@a:1,b:2/?replicaSet=rs', 'mongodb://u:p@a:1,b:2/rentcar_mypage?replicaSet=rs'],
    ['mongodb+srv://cluster.example/team?w=majority', 'mongodb+srv://cluster.example/team_rentcar_mypage?w=majority'],
  ])('%s', (uri, expected) => {
    expect(mongoUri({ kind: 'given', uri }, address, 'rentcar_mypage')).toBe(expected);
  });
});
