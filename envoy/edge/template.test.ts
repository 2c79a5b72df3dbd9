import { describe, expect, it } from 'vitest';
import { readTemplate } from './template.ts';

describe('a path template', () => {
  it.each([
    ['/cars', '/cars', true],
    ['/cars', '/cars/', true],
    ['/cars', '/cars/1', false],
    ['/cars', '/scars', false],
    ['/cars/{car_id}', '/cars/1', true],
    ['/cars/{car_id}', '/cars/', false],
    ['/cars/{car_id}', '/cars/1/wheels', false],
    ['/cars/{car_id=*}/wheels/*', '/cars/1/wheels/2', true],
    ['/{name=cars/*/wheels/**}', '/cars/1/wheels/2/3', true],
    ['/{name=cars/*/wheels/**}', '/bikes/1/wheels/2/3', false],
    ['/cars/{car_id}:sell', '/cars/1:sell', true],
    ['/cars/{car_id}:sell', '/cars/1', false],
    ['/mesh:watch', '/mesh:watch', true],
    ['/v1.0/cars', '/v1x0/cars', false],
  ])('%s, asked for %s, is %s', (template, path, expected) => {
    expect(new RegExp(`^(?:${readTemplate(template).regex})$`).test(path)).toBe(expected);
  });

  it('tells the fields that are in the path, and its verb', () => {
    expect(readTemplate('/shelves/{shelf}/{name=books/**}:move')).toMatchObject({ fields: ['shelf', 'name'], verb: 'move' });
    expect(readTemplate('/cars')).toMatchObject({ fields: [], verb: undefined });
  });

  it.each(['cars', '/cars/{car id}', '/cars/{car_id', ''])('that is none is told: "%s"', (template) => {
    expect(() => readTemplate(template)).toThrow('is not a path template');
  });
});
