package s3ml.client.image;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.Polygon;
import java.awt.RadialGradientPaint;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;

/// Draws a yellow cube and a white ball on a grey floor, near enough to a photo for the demo's detector.
///
/// The drawing is the same on every run.
public final class SceneDrawing {
    /// Width and height of the picture.
    public static final int SIDE = 600;

    /// Where the middle of the cube's front and of the ball are, in fractions of the side: y, then x.
    public static final double CUBE_Y = 355.0 / SIDE;

    public static final double CUBE_X = 175.0 / SIDE;
    public static final double BALL_Y = 345.0 / SIDE;
    public static final double BALL_X = 420.0 / SIDE;

    private static final int CUBE_SIDE = 150;
    private static final int CUBE_LEFT = 100;
    private static final int CUBE_TOP = 280;
    private static final int DEPTH_X = 45;
    private static final int DEPTH_Y = 38;
    private static final int BALL_RADIUS = 75;

    private SceneDrawing() {}

    /// Draws the scene.
    public static BufferedImage draw() {
        BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setPaint(new GradientPaint(0, 0, new Color(108, 108, 112), 0, SIDE, new Color(96, 96, 100)));
        graphics.fillRect(0, 0, SIDE, SIDE);
        shadow(graphics, 210, 432, 150, 26);
        cube(graphics);
        shadow(graphics, 435, 420, 95, 22);
        ball(graphics);
        graphics.dispose();
        return picture;
    }

    /// A soft ellipse: many faint layers.
    private static void shadow(Graphics2D graphics, int x, int y, int radiusX, int radiusY) {
        graphics.setColor(new Color(0, 0, 0, 9));
        for (int layer = 0; layer < 14; layer++) {
            double size = 1.0 - layer * 0.06;
            graphics.fill(new Ellipse2D.Double(
                    x - radiusX * size, y - radiusY * size, 2 * radiusX * size, 2 * radiusY * size));
        }
    }

    private static void cube(Graphics2D graphics) {
        int right = CUBE_LEFT + CUBE_SIDE;
        int bottom = CUBE_TOP + CUBE_SIDE;
        graphics.setColor(new Color(252, 226, 90));
        graphics.fill(new Polygon(
                new int[] {CUBE_LEFT, CUBE_LEFT + DEPTH_X, right + DEPTH_X, right},
                new int[] {CUBE_TOP, CUBE_TOP - DEPTH_Y, CUBE_TOP - DEPTH_Y, CUBE_TOP},
                4));
        graphics.setColor(new Color(196, 158, 10));
        graphics.fill(new Polygon(
                new int[] {right, right + DEPTH_X, right + DEPTH_X, right},
                new int[] {CUBE_TOP, CUBE_TOP - DEPTH_Y, bottom - DEPTH_Y, bottom},
                4));
        graphics.setColor(new Color(240, 200, 20));
        graphics.fillRect(CUBE_LEFT, CUBE_TOP, CUBE_SIDE, CUBE_SIDE);
    }

    private static void ball(Graphics2D graphics) {
        int x = (int) Math.round(BALL_X * SIDE);
        int y = (int) Math.round(BALL_Y * SIDE);
        graphics.setPaint(
                new RadialGradientPaint(x - 25f, y - 28f, BALL_RADIUS * 1.5f, new float[] {0f, 0.55f, 1f}, new Color[] {
                    Color.WHITE, new Color(225, 225, 228), new Color(120, 120, 126)
                }));
        graphics.fill(new Ellipse2D.Double(x - BALL_RADIUS, y - BALL_RADIUS, 2.0 * BALL_RADIUS, 2.0 * BALL_RADIUS));
    }
}
