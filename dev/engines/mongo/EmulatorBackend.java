import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.AbstractMongoBackend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import io.netty.channel.Channel;
import java.util.Map;
import java.util.Set;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;

/** Executes commands, and commits what they changed before it answers. */
final class EmulatorBackend extends AbstractMongoBackend {
  /**
   * Commands after which the file has to hold what the answer acknowledges. MVStore by itself commits up to a second later, and kill -9
   * would lose acknowledged writes.
   */
  private static final Set<String> WRITES =
      Set.of("insert", "update", "delete", "findandmodify", "create", "createindexes", "drop", "dropindexes", "dropdatabase");

  /** Documents of a reply to commands that do not say how many: as mongod, of the first reply and of further ones. */
  private static final Map<String, Integer> BATCH_SIZES = Map.of("find", 101, "getmore", 1000);

  private final MVStore store;

  EmulatorBackend(MVStore store) {
    this.store = store;
    EmulatorDatabase.names(store).forEach(this::resolveDatabase);
  }

  @Override
  protected MongoDatabase openOrCreateDatabase(String name) {
    return new EmulatorDatabase(name, store, getCursorRegistry());
  }

  @Override
  public Document handleMessage(MongoMessage message) {
    Document query = message.getDocument();
    String command = query.keySet().iterator().next().toLowerCase();
    if (BATCH_SIZES.containsKey(command)) {
      query.putIfAbsent("batchSize", BATCH_SIZES.get(command));
    }
    TimeLimit.start(query);
    try {
      Document answer = super.handleMessage(message);
      if (WRITES.contains(command)) {
        store.commit();
      }
      return answer;
    } catch (MVStoreException error) {
      MongoEmulator.fail(error);
      throw error;
    }
  }

  @Override
  public Document handleCommand(Channel channel, String database, String command, Document query) {
    return super.handleCommand(channel, database, command.equals("hello") ? "ismaster" : command, query);
  }

  @Override
  public Document getServerStatus() {
    Document status = super.getServerStatus();
    ((Document) status.get("metrics")).append("queryExecutor", new Document("scannedObjects", Scan.SCANNED_OBJECTS.get()));
    return status;
  }

  @Override
  public void close() {
    super.close();
    store.close();
  }
}
