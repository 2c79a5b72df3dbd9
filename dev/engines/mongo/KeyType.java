import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.backend.Missing;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Comparator;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/**
 * Keys of documents and indexes, in MongoDB's order of values; a key comes before every longer key that begins with it.
 *
 * <p>H2's default type compares and writes such keys by Java serialization.
 */
final class KeyType extends BasicDataType<KeyValue> {
  static final KeyType INSTANCE = new KeyType();

  private static final Comparator<Object> VALUES = ValueComparator.ascWithoutListHandling();

  /** Bytes of a key and of each of its values besides the text, about. */
  private static final int OVERHEAD = 56;

  private static final byte TEXT = 0;
  private static final byte BSON = 1;
  private static final byte TIME = 2;
  private static final byte NUMBER = 3;

  private KeyType() {}

  static int compareValues(Object one, Object other) {
    if (one instanceof String text && other instanceof String otherText) {
      return text.compareTo(otherText);
    }
    if (one instanceof Instant time && other instanceof Instant otherTime) {
      return time.compareTo(otherTime);
    }
    if (one instanceof Double number && other instanceof Double otherNumber) {
      return number.compareTo(otherNumber);
    }
    return VALUES.compare(one, other);
  }

  @Override
  public int compare(KeyValue one, KeyValue other) {
    int common = Math.min(one.size(), other.size());
    for (int index = 0; index < common; index++) {
      int order = compareValues(one.get(index), other.get(index));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(one.size(), other.size());
  }

  @Override
  public int getMemory(KeyValue key) {
    int bytes = OVERHEAD;
    for (Object value : key) {
      bytes += OVERHEAD + (value instanceof String text ? text.length() : 0);
    }
    return bytes;
  }

  @Override
  public void write(WriteBuffer buffer, KeyValue key) {
    buffer.putVarInt(key.size());
    for (int index = 0; index < key.size(); index++) {
      writeValue(buffer, key.get(index));
    }
  }

  /** Allocates nothing for the usual types: most of what the emulator writes are keys of indexes. */
  private static void writeValue(WriteBuffer buffer, Object value) {
    if (value instanceof String text) {
      buffer.put(TEXT);
      if (isAscii(text)) {
        buffer.putVarInt(text.length()).putStringData(text, text.length());
      } else {
        putBytes(buffer, text.getBytes(StandardCharsets.UTF_8));
      }
    } else if (value instanceof Instant time) {
      buffer.put(TIME).putLong(time.toEpochMilli());
    } else if (value instanceof Double number) {
      buffer.put(NUMBER).putLong(Double.doubleToLongBits(number));
    } else {
      putBytes(buffer.put(BSON), Bson.encode(new Document("", nullIfMissing(value))));
    }
  }

  /** Whether MVStore writes the text as UTF-8. */
  private static boolean isAscii(String text) {
    for (int index = 0; index < text.length(); index++) {
      if (text.charAt(index) >= 128) {
        return false;
      }
    }
    return true;
  }

  private static void putBytes(WriteBuffer buffer, byte[] bytes) {
    buffer.putVarInt(bytes.length).put(bytes);
  }

  private static Object nullIfMissing(Object value) {
    return value instanceof Missing ? null : value;
  }

  @Override
  public KeyValue read(ByteBuffer buffer) {
    Object[] values = new Object[DataUtils.readVarInt(buffer)];
    for (int index = 0; index < values.length; index++) {
      values[index] = readValue(buffer);
    }
    return new KeyValue(values);
  }

  private static Object readValue(ByteBuffer buffer) {
    byte kind = buffer.get();
    if (kind == TIME) {
      return Instant.ofEpochMilli(buffer.getLong());
    }
    if (kind == NUMBER) {
      return buffer.getDouble();
    }
    byte[] bytes = new byte[DataUtils.readVarInt(buffer)];
    buffer.get(bytes);
    return kind == TEXT ? new String(bytes, StandardCharsets.UTF_8) : Bson.decode(bytes).get("");
  }

  @Override
  public KeyValue[] createStorage(int size) {
    return new KeyValue[size];
  }
}
