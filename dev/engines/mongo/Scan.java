import de.bwaldvogel.mongo.backend.DocumentWithPosition;
import de.bwaldvogel.mongo.backend.KeyValue;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;

/**
 * The documents of a plan, one after the other. It keeps only a few keys at a time and goes on behind the last of them, so a cursor can be
 * read while documents change.
 */
final class Scan implements Iterator<DocumentWithPosition<KeyValue>> {
  /** Documents that were read since the start, as `serverStatus` reports of mongod: metrics.queryExecutor.scannedObjects. */
  static final AtomicLong SCANNED_OBJECTS = new AtomicLong();

  private static final int KEYS_AT_ONCE = 128;

  private final EmulatorCollection collection;
  private final OrderedIndex index;
  private final MVMap<KeyValue, byte[]> map;
  private final Iterator<KeyRange> ranges;
  private final Queue<KeyValue> keys = new ArrayDeque<>();
  private KeyRange range;
  private KeyValue last;
  private DocumentWithPosition<KeyValue> next;

  Scan(EmulatorCollection collection, QueryPlan plan) {
    this.collection = collection;
    this.index = plan.index();
    this.map = index == null ? collection.documents() : index.map;
    this.ranges = plan.ranges().iterator();
  }

  Stream<DocumentWithPosition<KeyValue>> stream() {
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED), false);
  }

  @Override
  public boolean hasNext() {
    while (next == null && (!keys.isEmpty() || readKeys())) {
      TimeLimit.check();
      KeyValue key = keys.remove();
      KeyValue position = index == null ? key : index.positionOf(key);
      byte[] bytes = collection.documents().get(position);
      if (bytes != null) {
        SCANNED_OBJECTS.incrementAndGet();
        next = new DocumentWithPosition<>(Bson.decode(bytes), position);
      }
    }
    return next != null;
  }

  @Override
  public DocumentWithPosition<KeyValue> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    DocumentWithPosition<KeyValue> found = next;
    next = null;
    return found;
  }

  /** Reads some keys, with the collection locked: what MVStore has of an older version may be overwritten. */
  private boolean readKeys() {
    synchronized (collection) {
      while (keys.isEmpty() && (range != null || ranges.hasNext())) {
        if (range == null) {
          range = ranges.next();
          last = null;
        }
        readRange();
      }
      return !keys.isEmpty();
    }
  }

  private void readRange() {
    Cursor<KeyValue, byte[]> cursor = map.cursor(last == null ? range.start() : last);
    while (cursor.hasNext()) {
      KeyValue key = cursor.next();
      if (last != null && KeyType.INSTANCE.compare(key, last) == 0) {
        continue;
      }
      if (!range.contains(key)) {
        break;
      }
      keys.add(key);
      last = key;
      if (keys.size() == KEYS_AT_ONCE) {
        return;
      }
    }
    range = null;
  }
}
